"""The composition root: the one place where the service's parts are made and wired. Nothing is made at import."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from index.gallery import Gallery
from index.look_alikes import LookAlikes
from index.manifest import Manifest
from index.own_scores import require
from index.parts import PARTS, builder_of
from index.store import Store
from index.upload_job import Eye, RecognisingEye
from serve import problems, routes
from serve.auth import Keyring
from serve.batching import BatchingEmbedder
from serve.build_process import BuildProcess, BuiltApart
from serve.builder import Builder
from serve.canary import Canary
from serve.desk import Desk
from serve.doors import described
from serve.galleries import Galleries
from serve.metrics import Metrics
from serve.observer import Observer
from serve.publisher import Publisher
from serve.rescanner import Rescanner
from serve.service import Service
from serve.settings import Settings, load
from serve.upload_worker import UploadWorker
from serve.warden import Warden
from serve.workers import Workers
from vision.bundle import Bundle, carried
from vision.embedder import Embedder, OnnxEmbedder
from vision.errors import ConfigurationError, TouchstoneError
from vision.faults.lettering import reader
from vision.inspection import Inspector
from vision.photo import PhotoLimits
from vision.policy import Policy

log = logging.getLogger("touchstone.serve")

DESCRIPTION = "Says which brand's mark a listing photo shows, and whether it diverges from the genuine references."
KEY_NOTICE = """
Touchstone made an admin key, since none was configured. It is shown this once and kept as a hash only:

    {key}

Send it as `Authorization: Bearer KEY`. To choose your own, set TOUCHSTONE_ADMIN_KEY.
"""


@dataclass(frozen=True)
class Model:
    """What sees: an embedder, and how an inspector is made of it (perhaps behind a queue) and a gallery."""

    embedder: Embedder
    inspector: Callable[[Embedder, Gallery], Inspector]

    def check(self, store: Store) -> None:
        """Make an inspector over nothing: a bundle that cannot inspect stops the start, not each later build.

        So do brands' own scores that another bundle made.
        """
        nothing = Gallery(Manifest.of([], store.id, 0, self.embedder.fingerprint), [])
        require(store.scores(), self.inspector(self.embedder, nothing).recogniser.scorer.fingerprint)


def open_bundle(settings: Settings) -> Model:
    """The model of the configured bundle, or of the carried one."""
    bundle = Bundle.open(settings.bundle or carried(), settings.precision)
    policy, words = Policy(alpha=settings.alpha), reader()
    return Model(
        embedder=OnnxEmbedder(bundle, threads=settings.runtime_threads),
        inspector=lambda embedder, gallery: Inspector.of(bundle, embedder, gallery, policy, words),
    )


class Opened:
    """Opens the bundle: here the one that is open already, in the process that builds its own."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def __call__(self, settings: Settings) -> Model:
        """The model."""
        return self.model

    def __reduce__(self) -> tuple[Callable[[], Callable[[Settings], Model]], tuple[()]]:
        return opener, ()


def opener() -> Callable[[Settings], Model]:
    """What opens the bundle where nothing is open yet."""
    return open_bundle


def create_app(settings: Settings, open_model: Callable[[Settings], Model] = open_bundle) -> FastAPI:
    """The service, not yet started: its parts are made when the server starts it, off the event loop."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as closing:
            try:
                app.state.service = await run_in_threadpool(wire, settings, open_model, metrics, closing)
            except Exception as error:
                app.state.failed_start = error
                if not isinstance(error, TouchstoneError):
                    log.exception("the service cannot start")
                raise
            yield

    app = FastAPI(
        title="Touchstone", version="1", description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None
    )
    app.state.failed_start = None
    for router in routes.ALL:
        app.include_router(described(router))
    app.add_middleware(Observer, metrics=metrics)
    problems.handle_all(app)
    return app


def wire(settings: Settings, open_model: Callable[[Settings], Model], metrics: Metrics, closing: ExitStack) -> Service:
    """Make the parts and start those that run by themselves. `closing` undoes it, last first."""
    store = Store.at(settings.place)
    closing.callback(store.close)
    erased = store.sweep()
    log.info("the store is at version %d; %d photos that nothing names were erased", store.version(), erased)
    model = open_model(settings)
    model.check(store)
    limits = photo_limits(settings)
    serving = batched(model.embedder, settings, closing)
    desk = Desk(limits, metrics)
    galleries = galleries_of(model, open_model, store, settings)
    builder = following(model, serving, store, desk, settings, metrics, galleries)
    inspections = Workers("inspection", settings.inference_threads, settings.queue_length)
    service = Service(
        settings=settings,
        store=store,
        keyring=open_keyring(store, settings),
        desk=desk,
        builder=builder,
        canary=Canary(serving, limits),
        inspections=inspections,
        upload_jobs=UploadWorker(store, limits, partial(eye, desk), builder.changed, settings.poll_store_s),
        uploads=Workers("upload", 1, settings.upload_slots),
        metrics=metrics,
        warden=Warden(store, settings.match_budget, settings.match_budget_every_s, metrics, builder.changed),
    )
    service.builder.start()
    closing.callback(service.builder.stop)
    listener = store.listener(builder.look)
    listener.start()
    closing.callback(listener.stop)
    service.warden.start()
    closing.callback(service.warden.stop)
    service.upload_jobs.start()
    closing.callback(service.upload_jobs.stop)
    closing.callback(service.uploads.close)
    closing.callback(service.inspections.close)
    rescanner = Rescanner(store, desk, inspections, metrics, settings.poll_store_s, builder.distrust)
    rescanner.start()
    closing.callback(rescanner.stop)
    return service


def eye(desk: Desk) -> Eye:
    """Looks for marks as the service does now; `NotReady` before it does."""
    return RecognisingEye(desk.current().inspector.recogniser)


def photo_limits(settings: Settings) -> PhotoLimits:
    """The limits of one photo, as the decoder takes them."""
    limits = settings.limits
    return PhotoLimits(limits.file_bytes, limits.photo_pixels, limits.photo_min_side_px)


def batched(embedder: Embedder, settings: Settings, closing: ExitStack) -> Embedder:
    """Embed concurrent inspections together; a single thread has no company to wait for."""
    if settings.inference_threads == 1:
        return embedder
    batching = BatchingEmbedder(embedder, settings.batch_images, settings.batch_wait_ms)
    closing.callback(batching.close)
    return batching


def open_keyring(store: Store, settings: Settings) -> Keyring:
    """The keys; the first start without an admin key makes one and shows it once."""
    keyring = Keyring(store, {"admin_key": settings.admin_key, "pipeline_key": settings.pipeline_key})
    if keyring.needs_operator():
        print(KEY_NOTICE.format(key=keyring.issue_operator()), flush=True)  # noqa: T201 (never into a log)
    return keyring


def galleries_of(model: Model, open_model: Callable[[Settings], Model], store: Store, settings: Settings) -> Galleries:
    """The galleries, built by a process of its own or by the builder's thread."""
    if not settings.build_apart:
        where, threads = settings.data_dir, settings.build_threads
        sets, baselines = (builder_of(part, store, model.embedder, where, threads) for part in PARTS)
        return Galleries(store, sets, baselines, None)
    process = BuildProcess(settings, partial(embedder_of, open_model))
    apart, of_baselines = (BuiltApart(process, part, store, model.embedder.fingerprint) for part in PARTS)
    return Galleries(store, apart, of_baselines, process)


def embedder_of(open_model: Callable[[Settings], Model], settings: Settings) -> Embedder:
    """A model's embedder; called in the process that builds."""
    return open_model(settings).embedder


def following(
    model: Model,
    serving: Embedder,
    store: Store,
    desk: Desk,
    settings: Settings,
    metrics: Metrics,
    galleries: Galleries,
) -> Builder:
    """The builder has references embedded apart and publishes inspectors that embed as the service does."""
    look_alikes = LookAlikes(store, model.embedder, settings.data_dir)
    publisher = Publisher(store, partial(model.inspector, serving), look_alikes, galleries, desk, metrics)
    return Builder(store, galleries, publisher.publish, metrics, settings.poll_store_s, publisher.amend)


def run(config_path: Path | None = None) -> None:
    """Serve until told to stop: what `touchstone serve [CONFIG]` does. A start that fails raises why."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = load(config_path)
    model = open_bundle(settings)
    app = create_app(settings, Opened(model))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            server_header=False,
            timeout_graceful_shutdown=30,
            lifespan="on",
        )
    )
    try:
        server.run()
    except SystemExit:  # how it ends a start that failed
        raise app.state.failed_start or ConfigurationError(
            f"the service cannot start on {settings.host}:{settings.port}. Choose another host or port."
        ) from None
