"""What of a network weight decay holds small."""

from torch import nn


def decaying(network: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Parameter groups: matrices decay; gains, biases and a temperature do not. What is frozen is left out."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in trained if parameter.ndim >= 2]
    others = [parameter for parameter in trained if parameter.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
