"""Any opened graph as a differentiable torch module whose parameters are its own initializers."""
