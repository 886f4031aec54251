"""Binary COPY of Arrow batches into a table: every row that is written goes through here."""

from collections.abc import Sequence
from typing import Any

import psycopg
import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder
from pgpq.encoders import LargeStringEncoderBuilder
from pgpq.schema import Jsonb
from psycopg import sql


def copy_batches(
    connection: psycopg.Connection[Any],
    relation: str,
    batches: Sequence[pa.RecordBatch],
    *,
    json: Sequence[str] = (),
) -> None:
    """COPY into `relation` what its columns of the batches' names take without a cast.

    At least one batch, all of one schema. One encoded batch at a time is in memory. `json` names columns of
    JSON text (large_string) for columns of jsonb.
    """
    schema = batches[0].schema
    encoder = ArrowToPostgresBinaryEncoder(schema)
    if json:
        infer = ArrowToPostgresBinaryEncoder.infer_encoder
        encoders = {field.name: infer(field) for field in schema}
        encoders |= {
            name: LargeStringEncoderBuilder.new_with_output(schema.field(name), Jsonb()) for name in json
        }
        encoder = ArrowToPostgresBinaryEncoder.new_with_encoders(schema, encoders)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(relation), identifiers(schema.names)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(encoder.write_header())
        for batch in batches:
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())


def identifiers(columns: Sequence[str]) -> sql.Composed:
    """Names of columns, quoted and separated by commas."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))
