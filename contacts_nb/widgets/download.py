"""A file that was made in the kernel, saved by the browser: in pieces, over the connection the page has anyway."""

from __future__ import annotations

from typing import Any, BinaryIO

import anywidget

from contacts_nb.widgets.html_form import script

_PIECE = 1_000_000  # bytes


class Download(anywidget.AnyWidget):
    """Saves one file after the other; by itself it shows nothing."""

    _esm = script("download.js")

    def __init__(self) -> None:
        super().__init__()
        self._file: BinaryIO | None = None
        self._name = self._kind = ""
        self._size = 0
        self.on_msg(self._told)

    def save(self, file: BinaryIO, name: str, kind: str) -> None:
        """Let the browser save `file`, which is closed at the end, as `name` with the media type `kind`."""
        if self._file is not None:
            self._file.close()
        self._file, self._name, self._kind = file, name, kind
        self._size = file.seek(0, 2)
        self._send_piece(0)

    def _send_piece(self, piece: int) -> None:
        if self._file is None:
            return
        self._file.seek(piece * _PIECE)
        data = self._file.read(_PIECE)
        last = (piece + 1) * _PIECE >= self._size
        self.send({"name": self._name, "kind": self._kind, "piece": piece, "last": last}, [data])

    def _told(self, _download: object, told: dict[str, Any], _buffers: object) -> None:
        if "next" in told:
            self._send_piece(int(told["next"]))
        elif told.get("saved") and self._file is not None:
            self._file.close()
            self._file = None
