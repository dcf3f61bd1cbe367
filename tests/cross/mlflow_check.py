"""One tracked run in MLflow, read back and timed: run by ``nox -s mlflow``.

MLflow can't share the course's environment, so this is no pytest module. It logs the run that the
chapter "Engineering" logs as lines of JSON, checks that every number comes back, and that a folder
of files is refused as a store. With --write the times go into book/data/engineering_times.csv.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "tools"))
import engineering_times as table


def logged(client, run_id, batch):
    """Log all steps, one call each or in one."""
    from mlflow.entities import Metric

    points = [Metric("loss", loss, 0, step) for step, loss in enumerate(table.losses())]
    if batch:
        client.log_batch(run_id, metrics=points)
    else:
        for point in points:
            client.log_metric(run_id, point.key, point.value, point.timestamp, point.step)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the times into the table")
    write = parser.parse_args().write
    from importlib.metadata import distributions

    import mlflow

    rows, wrong = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            mlflow.MlflowClient(tracking_uri=(folder / "runs").as_uri()).search_experiments()
            wrong.append("A folder of files is taken as a store: the chapter says it is refused.")
        except mlflow.exceptions.MlflowException as error:
            print("a folder of files is refused:", str(error)[:100])
        client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{folder / 'runs.db'}")
        start = time.perf_counter()
        experiment = client.create_experiment("chapter")
        rows.append(table.row("tracking", "MLflow, new store", 0, 1, [time.perf_counter() - start]))
        for variant, batch in (("MLflow, a call a step", False), ("MLflow, one batch", True)):
            seconds = []
            for _ in range(3):
                run_id = client.create_run(experiment).info.run_id
                client.log_param(run_id, "rate", 0.1)
                seconds += table.timed(lambda r=run_id, b=batch: logged(client, r, b), 1)
                history = client.get_metric_history(run_id, "loss")
                found = [p.value for p in sorted(history, key=lambda p: p.step)]
                if found != table.losses():
                    wrong.append(f"{variant}: {len(found)} values come back, not those logged.")
            size = (folder / "runs.db").stat().st_size
            rows.append(table.row("tracking", variant, table.STEPS, 1, seconds, size))
    for row in rows:
        print(*(str(row[c]) for c in table.COLUMNS[:6]), sep="\t")
    print("packages in its environment:", len(list(distributions())))
    if write and not wrong:
        table.update(rows)
    print("\n".join(wrong) or "every number came back.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
