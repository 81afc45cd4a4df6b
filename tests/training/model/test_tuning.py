"""What is trained changes; what is frozen does not; what was adapted is merged into the architecture's own form."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed (extra: train)")

import torch
from safetensors.torch import save_file

from tests.training.model.small import register
from training import model
from training.config import ModelConfig
from training.config.model import TuningConfig
from training.model import lora
from training.model.finish import finish, mixed
from training.model.tuning import prepare, projection, set_training
from vision.errors import ConfigurationError

OURS = ModelConfig(vision="resnet10t", input_px=32, dim=24, text_width=32, text_layers=1, text_heads=2)
PIXELS = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture(params=["ours", "open_clip"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> model.Network:
    torch.manual_seed(0)
    config = OURS if request.param == "ours" else ModelConfig(open_clip=register(tmp_path), input_px=32)
    return model.build(config)


def trained(network: model.Network) -> set[str]:
    return {name for name, parameter in network.named_parameters() if parameter.requires_grad}


def descend(network: model.Network) -> None:
    """A few steps away from where the image tower is."""
    optimiser = torch.optim.SGD([p for p in network.parameters() if p.requires_grad], lr=0.5)
    for _ in range(3):
        set_training(network)
        optimiser.zero_grad()
        (-network.encode_image(PIXELS, normalize=True)[:, 0]).sum().backward()
        optimiser.step()


def test_a_linear_probe_trains_the_last_map_alone(network: model.Network) -> None:
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    prepare(network, TuningConfig(mode="probe"))
    descend(network)
    changed = {name for name, tensor in network.state_dict().items() if not torch.equal(tensor, before[name])}
    last = {id(parameter) for parameter in projection(network)}
    expected = {name for name, parameter in network.named_parameters() if id(parameter) in last}
    assert changed == expected
    assert len(changed) in (1, 2)


def test_named_parts_are_trained_and_no_other(network: model.Network) -> None:
    part = "visual.trunk.layer4" if hasattr(network.visual, "trunk") else "visual.transformer.resblocks.1"
    prepare(network, TuningConfig(mode="partial", trained=(part,)))
    assert trained(network) - {"logit_scale"} == {n for n, _ in network.named_parameters() if n.startswith(f"{part}.")}


def test_a_part_that_is_not_there_is_refused_with_those_that_are(network: model.Network) -> None:
    with pytest.raises(ConfigurationError, match="choose from visual, "):
        prepare(network, TuningConfig(mode="partial", trained=("visual.layer9",)))


def test_low_rank_changes_begin_as_none_and_merge_without_a_trace(network: model.Network) -> None:
    names = set(network.state_dict())
    network.eval()
    before = network.encode_image(PIXELS).detach()
    prepare(network, TuningConfig(mode="lora", rank=2))
    network.eval()
    torch.testing.assert_close(network.encode_image(PIXELS).detach(), before)
    assert all("parametrizations" in name or name == "logit_scale" for name in trained(network))
    descend(network)
    network.eval()
    adapted = network.encode_image(PIXELS).detach()
    assert not torch.allclose(adapted, before, atol=1e-3)
    lora.merge(network)
    assert set(network.state_dict()) == names
    torch.testing.assert_close(network.encode_image(PIXELS).detach(), adapted, atol=1e-5, rtol=1e-4)


def test_the_finished_model_lies_between_its_start_and_what_was_trained(tmp_path: Path) -> None:
    begun = model.build(OURS)
    save_file(begun.state_dict(), tmp_path / "start.safetensors")
    tuning = TuningConfig(start_share=0.25)
    config = OURS.model_copy(update={"start": str(tmp_path / "start.safetensors"), "tuning": tuning})
    network = model.build(config)
    descend(network)
    moved = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    ended = finish(network, config).state_dict()
    name = "visual.head.proj.weight"
    torch.testing.assert_close(ended[name], 0.75 * moved[name] + 0.25 * begun.state_dict()[name])


def test_all_of_the_start_is_the_start() -> None:
    first, second = model.build(OURS).state_dict(), model.build(OURS).state_dict()
    ends = mixed(first, second, 1.0), mixed(first, second, 0.0)
    name = "visual.head.proj.weight"
    torch.testing.assert_close(ends[0][name], second[name])
    torch.testing.assert_close(ends[1][name], first[name])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "side"), [("ViT-B-32", 224), ("MobileCLIP2-S0", 256)])
@pytest.mark.parametrize("mode", ["probe", "lora"])
def test_real_architectures_are_tuned(name: str, side: int, mode: str) -> None:
    network = model.build(ModelConfig(open_clip=name, input_px=side))
    prepare(network, TuningConfig.model_validate({"mode": mode}))
    set_training(network)
    network.encode_image(torch.randn(2, 3, side, side), normalize=True).sum().backward()
    assert all(parameter.grad is not None for parameter in network.visual.parameters() if parameter.requires_grad)
    assert trained(network)
