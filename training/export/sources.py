"""Sources: which kind a request names, and the network it means."""

from training.export import architecture, our_run
from training.export.request import Request
from training.export.source import Source
from vision.errors import ConfigurationError


def find(request: Request) -> Source:
    """The network of a run's folder, of a checkpoint file, or of open_clip by name.

    Errors: `ConfigurationError` where the request names none, or two.
    """
    if request.path.is_dir():
        _refuse(request, "a run's folder", architecture=request.architecture, pretrained=request.pretrained)
        return our_run.source(request.path)
    if request.path.is_file():
        _refuse(request, "a checkpoint", pretrained=request.pretrained)
        return _of_file(request)
    name, _, tag = request.source.partition(":")
    _refuse(request, "an architecture by name", architecture=request.architecture)
    return _of_name(request, name, request.pretrained or tag)


def _of_file(request: Request) -> Source:
    if request.architecture is None:
        raise ConfigurationError(
            f"{request.source} does not say what network its weights are of; add --architecture, such as ViT-B-32"
        )
    return architecture.of_file(request.architecture, request.path)


def _of_name(request: Request, name: str, tag: str) -> Source:
    if request.random:
        if tag:
            raise ConfigurationError(f"{name} cannot have random weights and those of {tag}; leave one out")
        return architecture.of_chance(name)
    if not tag:
        known = ", ".join(f"{name}:{each}" for each in architecture.tags(name)[:6])
        raise ConfigurationError(
            f"{name} alone has no weights; name some ({known or 'none are known'}), pass a file with --architecture,"
            " or ask for --random to try things out"
        )
    return architecture.of_tag(name, tag)


def _refuse(request: Request, kind: str, **options: str | None) -> None:
    given = [f"--{name}" for name, value in options.items() if value is not None]
    if request.random and kind != "an architecture by name":
        given.append("--random")
    if given:
        raise ConfigurationError(f"{request.source} is {kind}; leave out {' and '.join(given)}")
