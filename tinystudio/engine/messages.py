"""What a runner tells an engine process: JSON over the pipe, never a pickle."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tinystudio.jobs.job import Job


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class RunIt(_Message):
    """Carry out a job."""

    kind: Literal["run"] = "run"
    job: Job


class CancelIt(_Message):
    """End a job, begun or not."""

    kind: Literal["cancel"] = "cancel"
    job: str


class PutInOrder(_Message):
    """Begin these jobs in this order, as far as they wait."""

    kind: Literal["put-in-order"] = "put-in-order"
    jobs: tuple[str, ...]


class CloseDown(_Message):
    """End the process."""

    kind: Literal["close"] = "close"


Message = Annotated[RunIt | CancelIt | PutInOrder | CloseDown, Field(discriminator="kind")]
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
