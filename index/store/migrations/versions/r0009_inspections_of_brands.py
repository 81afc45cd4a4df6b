"""An organisation's inspections are listed by brand."""

from alembic import op

revision, down_revision = "0009", "0008"


def upgrade() -> None:
    """To schema version 9."""
    op.create_index("ix_inspections_of_brand", "inspections", ["organisation", "brand", "created", "id"])
    op.execute("UPDATE store_state SET schema_version = 9")
