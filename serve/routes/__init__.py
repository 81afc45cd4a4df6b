"""The HTTP interface, a file a noun: each route passes its doors, hands the work on and answers."""

from serve.routes import (
    audit,
    brands,
    health,
    inspections,
    keys,
    negatives,
    organisations,
    reviews,
    revisions,
    rollouts,
    switches,
    uploads,
    versions,
)

ALL = (
    inspections.router,
    revisions.router,
    brands.router,
    uploads.router,
    versions.router,
    switches.router,
    negatives.router,
    rollouts.router,
    reviews.router,
    keys.router,
    organisations.router,
    audit.router,
    health.router,
)
