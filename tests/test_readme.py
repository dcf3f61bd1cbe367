"""What README shows runs as it stands there, but for the number of models and seeds."""

import re
from pathlib import Path

from qmlcourse import comparison
from qmlcourse.cli import parser

TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_code_runs(tmp_path, monkeypatch, capsys):
    compare, asked = comparison.compare, {}

    def quick(models, data, **options):
        asked.update(options, models=set(models))
        few = {name: models[name] for name in ("RBF-SVM", "dummy", "quantum kernel")}
        return compare(few, data, **options | {"seeds": 2, "budget": 1, "n_jobs": 1})

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(comparison, "compare", quick)
    first, second = blocks("python")
    space = {}
    exec(first, space)
    assert space["K"].shape == (100, 100)
    exec(second, {})
    assert asked["models"] == {*comparison.baselines(), *comparison.quantum_models()}
    assert "quantum kernel" in capsys.readouterr().out
    assert len(list((tmp_path / "results").iterdir())) == 6
    # Those who installed the core alone learn before the snippet what it needs.
    assert "need the extra `jax`" in TEXT[: TEXT.index(second)].rsplit("```", 2)[1]


def test_the_commands_are_commands():
    commands = re.findall(r"^qmlcourse (.*?)(?:  +#.*)?$", "\n".join(blocks("sh")), flags=re.M)
    assert len(commands) == 6
    for command in commands:
        parser().parse_args(command.split())
