"""`python -m qingyuan`."""

from qingyuan.cli import main

raise SystemExit(main())
