"""Rounds: a client that uploads and withdraws, a kill at a random moment of one act, and what is there afterwards."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerContext
from uuid import uuid4

import httpx

from benchmarks.killing.ledger import Ledger, Sent, violations
from benchmarks.killing.victim import BUILDING, PATIENCE_S, SWAPPING, Phase, Victim, settings_for, start, until
from index.store import Place
from tests.index.pictures import photo
from tests.serve.fakes import LayoutEmbedder
from tests.serve.running import parts

BRANDS = ("acme", "bolt", "zenith")
STANDING = 6  # references, in all; more are withdrawn, the oldest first
# How long after an act was seen to begin the kill may come, at the most: about as long as it takes.
LASTS_S = {"upload": 0.08, "withdraw": 0.05, "build": 0.15, "swap": 0.02}
PHASES = {"build": BUILDING, "swap": SWAPPING}


@dataclass
class Tally:
    """What the rounds came to."""

    targets: Counter[str] = field(default_factory=Counter)  # act that a kill was aimed at
    struck: Counter[str] = field(default_factory=Counter)  # what was under way when it came
    acknowledged: int = 0
    withdrawn: int = 0
    repeated: int = 0  # uploads that were under way, sent again with their keys
    violations: list[str] = field(default_factory=list)


class Client:
    """Uploads and withdraws, one act after the other, until nobody answers."""

    def __init__(self, http: httpx.Client, ledger: Ledger, dice: random.Random) -> None:
        self.http, self.ledger, self.dice = http, ledger, dice
        self.act = "idle"
        self.fault: Exception | None = None
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        """Until the service is gone."""
        try:
            while True:
                self.upload()
                while len(standing := self.ledger.standing()) > STANDING:
                    self.withdraw(standing[0])
        except httpx.TransportError:
            return  # killed
        except Exception as fault:
            self.fault = fault

    def upload(self) -> None:
        """Two new photos."""
        photos = tuple(photo(self.dice.getrandbits(32)) for _ in range(2))
        sent = Sent(self.dice.choice(BRANDS), uuid4().hex, photos)
        self.ledger.photos |= dict(zip(sent.references, photos, strict=True))
        self.ledger.unanswered, self.act = sent, "upload"
        send(self.http, sent)
        self.ledger.acknowledged |= dict.fromkeys(sent.references, sent.brand)
        self.ledger.unanswered, self.act = None, "idle"

    def withdraw(self, reference: str) -> None:
        """One of the references."""
        self.ledger.in_doubt.add(reference)
        self.act = "withdraw"
        brand = self.ledger.acknowledged[reference]
        self.http.delete(f"/v1/brands/{brand}/references/{reference}").raise_for_status()
        self.ledger.withdrawn.add(reference)
        self.ledger.in_doubt.discard(reference)
        self.act = "idle"


def send(http: httpx.Client, sent: Sent) -> None:
    """Upload, and require that all of it is kept."""
    headers = {"Idempotency-Key": sent.key}
    answer = http.post(f"/v1/brands/{sent.brand}/references", files=parts("files", sent.photos), headers=headers)
    answer.raise_for_status()
    kept = [file["reference"] for file in answer.json()["files"]]
    if kept != list(sent.references):
        raise AssertionError(f"not all of an upload was kept: {answer.text}")


def run(
    forks: ForkServerContext,
    place: Place,
    kills: int,
    seed: int,
    watch: Callable[[Tally], None] = lambda tally: None,
    until_s: float = float("inf"),
) -> Tally:
    """Kill so often, or until `time.monotonic()` is so late; what is started after a kill is the next victim."""
    dice, ledger, tally = random.Random(seed), Ledger(), Tally()
    phase: Phase = forks.Value("i", 0)
    settings = settings_for(place)
    victim = start(forks, settings, phase)
    try:
        for brand in BRANDS:
            victim.http.put(f"/v1/brands/{brand}").raise_for_status()
        for number in range(kills):
            if time.monotonic() > until_s:
                break
            target = list(LASTS_S)[number % len(LASTS_S)]
            strike(victim, Client(victim.http, ledger, dice), target, phase, tally)
            tally.violations += violations(place, ledger, LayoutEmbedder.fingerprint)
            victim = start(forks, settings, phase)
            resume(victim.http, ledger, tally)
            watch(tally)
    finally:
        victim.kill()
        victim.http.close()
    tally.acknowledged, tally.withdrawn = len(ledger.acknowledged), len(ledger.withdrawn)
    return tally


def strike(victim: Victim, client: Client, target: str, phase: Phase, tally: Tally) -> None:
    """Let the client work, and kill the service at a random moment of the act aimed at."""
    client.thread.start()
    time.sleep(client.dice.uniform(0.0, 0.3))
    await_act(client, target, phase)
    time.sleep(client.dice.uniform(0.0, LASTS_S[target]))
    doing = [client.act, *(name for name, value in PHASES.items() if phase.value == value)]
    victim.kill()
    client.thread.join(PATIENCE_S)
    victim.http.close()
    if client.fault is not None:
        raise client.fault
    tally.targets[target] += 1
    tally.struck.update(set(doing) - {"idle"} or {"between acts"})


def await_act(client: Client, target: str, phase: Phase) -> None:
    """Until the act is under way, or the client gave up."""
    wanted = PHASES.get(target)
    until(lambda: client.act == target or phase.value == wanted or not client.thread.is_alive(), pause_s=0.001)
    if client.fault is not None:
        raise client.fault


def resume(http: httpx.Client, ledger: Ledger, tally: Tally) -> None:
    """After a restart: send again what was not answered, settle what was in doubt, and match nothing withdrawn."""
    if ledger.unanswered is not None:
        send(http, ledger.unanswered)
        ledger.acknowledged |= dict.fromkeys(ledger.unanswered.references, ledger.unanswered.brand)
        ledger.unanswered = None
        tally.repeated += 1
    sets = [http.get(f"/v1/brands/{brand}/references").json() for brand in BRANDS]
    there = [each["id"] for one in sets for each in one["references"]]
    if len(there) != len(set(there)):
        tally.violations.append("an upload was done twice")
    ledger.settle(there)
    tally.violations += [f"lost after the restart: {each}" for each in set(ledger.standing()) - set(there)]
    until(lambda: searchable(http, max(one["version"] for one in sets)))
    tally.violations += [f"withdrawn and matched: {each}" for each in matched(http, ledger) & ledger.withdrawn]


def matched(http: httpx.Client, ledger: Ledger) -> set[str]:
    """The references that the very photo of a withdrawn one is nearest to."""
    gone = sorted(ledger.withdrawn & set(ledger.photos))
    if not gone:
        return set()
    answer = http.post("/v1/inspections", files=parts("photos", [ledger.photos[gone[0]]])).raise_for_status().json()
    for reference in gone:
        del ledger.photos[reference]
    return {region["nearest_reference"] for found in answer["photos"] for region in found["regions"]}


def searchable(http: httpx.Client, version: int) -> bool:
    """Whether the gallery in service has this version of the store."""
    answer = http.get("/ready")
    return answer.status_code == 200 and answer.json()["gallery_store_version"] >= version
