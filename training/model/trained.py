"""The model of a run, wherever the run stands."""

from torch.optim.swa_utils import AveragedModel

from training import checkpoint
from training.model.build import Network, build
from training.model.finish import finish
from training.model.start import FINAL
from training.model.tuning import prepare
from training.run import Run
from vision.errors import ConfigurationError


def trained(run: Run) -> Network:
    """The finished model of a run that came to its end, else the average at its newest checkpoint; in eval mode.

    Errors: `ConfigurationError` where there is no run, or no checkpoint yet.
    """
    config = run.config().model
    if (run.path / FINAL).is_file():
        network = build(config.model_copy(update={"pretrained": None, "start": str(run.path / FINAL)}))
        return network.eval()
    weights = run.checkpoint / checkpoint.AVERAGE
    if not weights.is_file():
        raise ConfigurationError(f"{run.path} has no checkpoint yet; wait for one, or train with `touchstone train`")
    network = build(config)
    prepare(network, config.tuning)
    average = AveragedModel(network, use_buffers=True)
    checkpoint.load_weights(average, weights)
    return finish(average.module, config)
