"""The finished model: what was trained, in the architecture's own form, nearer to its start where that is asked for."""

from torch import Tensor, nn

from training.config import ModelConfig
from training.model import lora
from training.model.build import build


def finish(network: nn.Module, config: ModelConfig) -> nn.Module:
    """Merge what was adapted, and mix in the starting weights (WiSE-FT, Wortsman et al., arXiv 2109.01903).

    The network is changed and given back in eval mode.
    """
    lora.merge(network)
    if share := config.tuning.start_share:
        network.load_state_dict(mixed(network.state_dict(), build(config).state_dict(), share))
    return network.eval()


def mixed(trained: dict[str, Tensor], start: dict[str, Tensor], start_share: float) -> dict[str, Tensor]:
    """Each weight on the straight line from where it was trained to where it started."""
    return {
        name: weight.lerp(start[name].to(weight), start_share) if weight.is_floating_point() else weight
        for name, weight in trained.items()
    }
