"""``python -m journeyscore``: the command ``journeyscore``."""

from .cli import main

raise SystemExit(main())
