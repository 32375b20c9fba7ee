"""Scores a journey log on a Spark cluster.

``spark-submit score_log.py s3a://logs/2026-05-01.parquet --out s3a://scores/2026-05-01``

Inputs are paths or globs on whatever file system Spark reads. Exit codes: 0 scored; 1 the log
cannot be scored; 2 the command was not understood.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import PurePosixPath
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import BooleanType, DataType, DoubleType, StringType, StructField, StructType

from journeyscore import Policy, frames
from journeyscore.errors import JourneyScoreError
from journeyscore.frames.columns import FLAGS, NUMBERS

FORMATS = {
    ".parquet": "parquet", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv",
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run the command; what it returns is the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    options.format = options.format or FORMATS.get(PurePosixPath(options.log[0]).suffix)
    if options.format is None:
        parser.error("cannot tell the kind of file by its name: give --format")
    builder = SparkSession.builder.appName("journeyscore")
    # long formulas with corrections take the optimizer a minute and more to reason about
    builder = builder.config("spark.sql.constraintPropagation.enabled", False)
    # what notes the line of Python behind each of the formula's steps asks Java several times
    builder = builder.config("spark.python.sql.dataFrameDebugging.enabled", False)
    session = builder.getOrCreate()
    try:
        print(score(session, options))
    except (JourneyScoreError, PySparkException) as error:
        return refused(str(error).partition("JVM stacktrace")[0].strip())
    except Py4JJavaError as error:  # a task failed; what it says further on quotes the record
        return refused(str(error.java_exception.getMessage()).partition("\n")[0])
    finally:
        session.stop()
    return 0


def refused(reason: str) -> int:
    """Say why; the exit code."""
    print(f"score_log: {reason}", file=sys.stderr)
    return 1


def score(session: SparkSession, options: argparse.Namespace) -> str:
    """Write the scores, and say how many there are."""
    log = read(session, options.log, options.format)
    chosen: dict[str, Any] = {
        "policy": Policy.load(options.policy) if options.policy else Policy(),
        "market": session.read.parquet(options.market) if options.market else None,
        "timezone": options.timezone,
    }
    by = options.by or ["journey"]
    if options.fold:
        result = frames.fold(log, by, **chosen)
    else:
        result = frames.score(log, by, average=options.average, **chosen)
    result.write.mode("overwrite" if options.overwrite else "error").parquet(options.out)
    written = session.read.parquet(options.out)  # counted from the file: nothing is scored twice
    count = "count" if options.fold else "touchpoints"
    groups, touchpoints, rejected = written.selectExpr(
        "count(*)", f"sum(`{count}`)", "sum(rejected)"
    ).first() or (0, 0, 0)
    return f"groups {groups}, touchpoints {touchpoints or 0}, rejected rows {rejected or 0}"


def read(session: SparkSession, paths: list[str], kind: str) -> DataFrame:
    """The log; of JSON and CSV every column with the type it must have, and nothing guessed.

    Where a number is wanted and text stands, Spark would make it null; here it refuses the file.
    """
    if kind == "parquet":
        return session.read.parquet(*paths)
    reader = session.read.option("mode", "FAILFAST")
    if kind == "csv":
        names = session.read.option("header", True).csv(paths).columns
        given = StructType([StructField(name, StringType()) for name in names])
        reader = reader.option("header", True).option("enforceSchema", False)
    else:  # a pass over the text, for the names: not to miss one that is spelt wrongly
        given = session.read.option("primitivesAsString", True).json(paths).schema
    schema = StructType([StructField(each.name, type_of(each)) for each in given])
    read_as = reader.schema(schema)
    return read_as.csv(paths) if kind == "csv" else read_as.json(paths)


def type_of(column: StructField) -> DataType:
    """What a column must be: a number, true or false, or text; times are read by the library."""
    if column.name in NUMBERS:
        return DoubleType()
    if column.name in FLAGS:
        return BooleanType()
    return column.dataType  # text, or a reference with its source


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("score_log.py", description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("log", nargs="+", help="paths or globs of Parquet, JSON Lines or CSV")
    add("--format", choices=sorted({*FORMATS.values()}), help="else told by the first suffix")
    add("--out", required=True, help="the folder for the result, in Parquet")
    add("--overwrite", action="store_true", help="replace what is there")
    add("--by", action="append", help="a grouping column; may be repeated (journey)")
    add("--fold", action="store_true", help="write tallies, to merge later, and no scores")
    add("--average", choices=("touchpoints", "journeys"), default="touchpoints")
    add("--policy", help="a policy in JSON, on the driver")
    add("--market", help="what frames.market gave, in Parquet")
    add("--timezone", help="what times without an offset mean, such as Europe/Zurich")
    return parser


if __name__ == "__main__":
    sys.exit(main())
