"""The graph as a torch module: what is trained, how it trains, and the weights written back."""

from __future__ import annotations

import copy
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from example_networks import patterns, residual_cnn, run
from gradient_networks import convolutional, recurrent, transformer
from graph_building import GraphBuilder
from torch import Tensor
from torch.nn import functional

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.graph.gradients.claims import unclaimed
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.gradients.node import Run
from tinystudio.graph.gradients.trainable import trainable_weights
from tinystudio.graph.network import Network


def pictures(count: int = 16) -> tuple[Tensor, Tensor]:
    samples = patterns(count, 5)
    assert samples.labels is not None
    return torch.from_numpy(samples.inputs[0]), torch.from_numpy(samples.labels)


def step(module: GraphModule, x: Tensor, labels: Tensor, rate: float = 0.1) -> float:
    """Take one step down the gradient; return the loss before it."""
    optimizer = torch.optim.SGD(module.parameters(), rate)
    optimizer.zero_grad()
    loss = functional.cross_entropy(module(x)[0], labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def in_runtime(network: Network, x: Tensor) -> Array:
    return run(network, [x.numpy()])[0]


def test_a_module_starts_with_the_weights_of_the_file() -> None:
    network = convolutional()
    module = GraphModule(network)
    assert not module.training
    for name, weight in {**module.weights, **module.statistics}.items():
        np.testing.assert_array_equal(weight.detach().numpy(), network.weights[name])


def test_an_untouched_module_writes_the_same_network_back() -> None:
    network = convolutional()
    assert GraphModule(network).network().data == network.data


def test_layers_biases_and_normalization_train_and_statistics_do_not() -> None:
    network = convolutional()
    module = GraphModule(network)
    kinds = {
        (n.op_type, i) for n in network.nodes for i, w in enumerate(n.input) if w in module.weights
    }
    assert kinds == {
        ("Conv", 1), ("Conv", 2), ("BatchNormalization", 1), ("BatchNormalization", 2),
        ("Gemm", 1), ("Gemm", 2),
    }  # fmt: skip
    assert len(module.statistics) == 4


def test_shapes_single_numbers_and_masks_do_not_train() -> None:
    g = GraphBuilder()
    mask = g.constant(np.array([[0, -np.inf], [0, 0]], np.float32), "mask")
    half = g.constant(np.array(0.5, np.float32), "half")
    x = g.node("Mul", g.node("Add", g.input("batch", 2, 2), mask), half)
    x = g.node("Add", x, g.constant(np.ones(2, np.float32), "shift"))
    network = g.network(g.node("Reshape", x, g.ints(-1, 4)))
    assert trainable_weights(network) == ("shift",)


def test_tables_of_turning_angles_do_not_train() -> None:
    g = GraphBuilder(opset=23)
    cos, sin = (g.constant(np.ones((5, 2), np.float32), name) for name in ("cos", "sin"))
    places = g.constant(np.arange(5)[None].repeat(2, 0))
    x = g.node("RotaryEmbedding", g.input(2, 3, 5, 4), cos, sin, places)
    network = g.network(g.node("MatMul", x, g.weight(4, 2)))
    assert list(GraphModule(network).weights) == [network.nodes[1].input[1]]


def test_statistics_cannot_be_trained() -> None:
    network = convolutional()
    mean = next(node for node in network.nodes if node.op_type == "BatchNormalization").input[3]
    with pytest.raises(ValueError, match="counted"):
        GraphModule(network, trainable=[mean])


def test_only_the_weights_that_are_named_train() -> None:
    network = convolutional()
    name = trainable_weights(network)[0]
    module = GraphModule(network, trainable=[name])
    assert list(module.weights) == [name]
    assert len(list(module.parameters())) == 1


def test_integers_cannot_be_trained() -> None:
    g = GraphBuilder()
    shape = g.ints(-1, 4)
    network = g.network(g.node("Reshape", g.input("batch", 2, 2), shape))
    with pytest.raises(ValueError, match=shape):
        GraphModule(network, trainable=[shape])


def test_after_a_step_the_runtime_gives_what_the_module_gives() -> None:
    module = GraphModule(convolutional()).train()
    x, labels = pictures()
    step(module, x, labels)
    with torch.no_grad():
        wanted = module.eval()(x)[0].numpy()
    np.testing.assert_allclose(in_runtime(module.network(), x), wanted, atol=1e-4)


@pytest.mark.parametrize("network", [transformer(), recurrent("LSTM", "bidirectional")])
def test_after_a_step_other_networks_run_alike(network: Network) -> None:
    module = GraphModule(network).train()
    shape = [size if isinstance(size, int) else 8 for size in network.inputs[0].shape]
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    before = in_runtime(network, x)
    step(module, x, torch.arange(8) % 3)
    with torch.no_grad():
        wanted = module.eval()(x)[0].numpy()
    np.testing.assert_allclose(in_runtime(module.network(), x), wanted, atol=1e-4)
    assert np.abs(wanted - before).max() > 1e-3


def test_while_training_statistics_move_as_torch_moves_them() -> None:
    g = GraphBuilder()
    network = g.network(g.batchnorm(g.input("batch", 3, 4), 3))
    scale, shift, mean, variance = network.nodes[0].input[1:]
    twin = torch.nn.BatchNorm1d(3, momentum=0.1)
    for name, tensor in zip(
        (scale, shift, mean, variance),
        (twin.weight, twin.bias, twin.running_mean, twin.running_var),
        strict=True,
    ):
        assert tensor is not None
        tensor.data.copy_(torch.from_numpy(network.weights[name].copy()))
    module = GraphModule(network).train()
    x = torch.randn(6, 3, 4)
    torch.testing.assert_close(module(x)[0], twin(x))
    trained = module.network().weights
    np.testing.assert_allclose(trained[mean], twin.running_mean)
    np.testing.assert_allclose(trained[variance], twin.running_var)


def test_in_eval_mode_statistics_stay() -> None:
    network = convolutional()
    module = GraphModule(network)
    module(pictures()[0])
    assert module.network().data == network.data


def test_dropout_drops_while_training_only_and_alike_for_the_same_seed() -> None:
    g = GraphBuilder()
    network = g.network(g.node("Dropout", g.input("batch", 50)))
    module, x = GraphModule(network), torch.ones(2, 50)
    assert torch.equal(module(x)[0], x)
    module.train()
    torch.manual_seed(3)
    first = module(x)[0]
    torch.manual_seed(3)
    assert torch.equal(module(x)[0], first)
    assert set(first.unique().tolist()) == {0.0, 2.0}


def test_training_lowers_the_loss() -> None:
    module = GraphModule(residual_cnn().network).train()
    for weight in module.parameters():  # forget the solved last layer
        if weight.dim() == 2:
            torch.nn.init.zeros_(weight)
    x, labels = pictures(64)
    losses = [step(module, x, labels, 0.05) for _ in range(15)]
    assert losses[-1] < losses[0] / 3


@pytest.mark.parametrize("network", [transformer(), recurrent("GRU", linear_before_reset=1)])
def test_training_lowers_the_loss_of_other_networks(network: Network) -> None:
    module = GraphModule(network).train()
    shape = [size if isinstance(size, int) else 12 for size in network.inputs[0].shape]
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(12) % 3
    losses = [step(module, x, labels, 0.5) for _ in range(60)]
    assert losses[-1] < losses[0] / 2


def test_the_same_seed_gives_the_same_training() -> None:
    def trained() -> bytes:
        module = GraphModule(convolutional()).train()
        for _ in range(3):
            step(module, *pictures())
        return module.network().data

    assert trained() == trained()


def test_hidden_tensors_can_be_asked_for() -> None:
    network = convolutional()
    hidden = network.nodes[2].output[0]
    module = GraphModule(network, outputs=[hidden, network.outputs[0].name])
    features, logits = module(pictures()[0])
    assert features.shape == (16, 8, 8, 8)
    assert logits.shape == (16, 4)


def test_what_the_outputs_do_not_need_is_left_out() -> None:
    network = convolutional()
    module = GraphModule(network, outputs=[network.nodes[0].output[0]])
    assert set(module.weights) == set(network.nodes[0].input[1:3])


def test_an_operator_without_a_rule_is_told_with_its_reason() -> None:
    g = GraphBuilder()
    x = g.conv(g.input("batch", 3, 4, 4), 3, 4, (3, 3))
    network = g.network(g.node("NonZero", x, name="find"))
    assert unclaimed(network) == {"find": "NonZero has no gradient rule"}
    with pytest.raises(UserError, match="find"):
        GraphModule(network)


def test_an_operator_of_another_domain_is_told_with_its_domain() -> None:
    g = GraphBuilder()
    network = g.network(g.node("Fast", g.input("batch", 3), name="own", domain="com.example"))
    assert unclaimed(network) == {"own": "Fast of com.example has no gradient rule"}


def test_up_to_an_operator_without_a_rule_a_network_trains() -> None:
    g = GraphBuilder()
    x = g.conv(g.input("batch", 3, 4, 4), 3, 4, (3, 3))
    network = g.network(g.node("NonZero", x))
    assert unclaimed(network, outputs=[x]) == {}
    (made,) = GraphModule(network, outputs=[x])(torch.ones(1, 3, 4, 4))
    made.sum().backward()


def test_scales_of_few_bit_weights_train_and_their_codes_stay() -> None:
    g = GraphBuilder()
    codes = g.constant(np.array([[1, -3], [2, 0], [-1, 5]], np.int8), "codes")
    scale = g.constant(np.array([[0.1, 0.2]], np.float32), "scale")
    weight = g.node("Mul", g.node("Cast", codes, to=1), scale)
    network = g.network(g.node("MatMul", g.input("batch", 3), weight))
    module = GraphModule(network).train()
    assert list(module.weights) == ["scale"]
    step(module, torch.eye(3), torch.tensor([0, 1, 0]))
    trained = module.network().weights
    assert not np.array_equal(trained["scale"], network.weights["scale"])
    np.testing.assert_array_equal(trained["codes"], network.weights["codes"])


def test_the_type_of_all_numbers_can_be_changed() -> None:
    network = transformer()
    x = torch.randn(2, 5, 8, dtype=torch.float64)
    module = GraphModule(network).double()
    made = module(x)[0]
    assert made.dtype == torch.float64
    torch.testing.assert_close(
        made.float(), GraphModule(network)(x.float())[0], atol=1e-5, rtol=1e-4
    )
    assert module.network().weights.keys() == network.weights.keys()


def test_a_copy_trains_apart_from_its_original() -> None:
    module = GraphModule(convolutional()).train()
    before = module.network().data
    other = copy.deepcopy(module)
    assert other.training
    other.eval()
    assert module.training
    step(other, *pictures())
    assert module.network().data == before


def test_a_shape_that_the_graph_works_out_fits_any_batch() -> None:
    module = GraphModule(transformer())
    for batch in (1, 3):
        assert module(torch.zeros(batch, 5, 8))[0].shape == (batch, 3)


def test_what_depends_on_constants_alone_is_computed_once() -> None:
    g = GraphBuilder()
    grid = g.node("Sin", g.node("Range", *(g.constant(np.array(n, np.float32)) for n in (0, 4, 1))))
    network = g.network(g.node("Relu", g.node("Mul", g.input("batch", 4), grid)))
    assert len(GraphModule(network)._program.steps) == 2


def test_hidden_tensors_are_let_go_as_soon_as_nothing_reads_them() -> None:
    g = GraphBuilder()
    x = g.input("batch", 4)
    for _ in range(6):
        x = g.node("Sigmoid", x)
    module = GraphModule(g.network(x))
    made: list[weakref.ref[Tensor]] = []
    most = 0

    def watched(run: Run) -> Run:
        def running(*inputs: Tensor) -> Tensor:
            nonlocal most
            result: Tensor = run(*inputs)
            made.append(weakref.ref(result))
            most = max(most, sum(known() is not None for known in made))
            return result

        return running

    program = module._program
    program.steps = [replace(step, run=watched(step.run)) for step in program.steps]
    with torch.no_grad():
        module(torch.zeros(1, 4))
    assert len(made) == 6
    assert most == 2


def test_a_weight_that_is_an_output_comes_out() -> None:
    g = GraphBuilder()
    weight = g.weight(3, 2)
    network = g.network(g.node("MatMul", g.input("batch", 3), weight))
    module = GraphModule(network, outputs=[weight, network.outputs[0].name])
    np.testing.assert_array_equal(module(torch.eye(3))[0].detach(), network.weights[weight])


def test_images_and_their_kernels_keep_their_channels_last_and_files_their_own_order() -> None:
    x, labels = pictures()
    network = residual_cnn().network
    conv = next(node for node in network.nodes if node.op_type == "Conv")
    module = GraphModule(network, outputs=(network.outputs[0].name, conv.output[0])).train()
    step(module, x, labels)
    hidden = module(x)[1]
    assert hidden.is_contiguous(memory_format=torch.channels_last)
    assert not hidden.is_contiguous()
    made = module.network().weights[conv.input[1]]
    assert made.flags.c_contiguous
    np.testing.assert_array_equal(made, module.weights[conv.input[1]].detach().numpy())
