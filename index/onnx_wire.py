"""ONNX's wire format: graphs written directly, with no exporter and no `onnx` package.

Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOAT, UINT8, INT32, INT64 = 1, 2, 6, 7
"""TensorProto.DataType."""
FUSED = "com.microsoft"
"""Domain of ONNX Runtime's own operators."""
_KINDS = {"float32": FLOAT, "uint8": UINT8, "int32": INT32, "int64": INT64}


class Graph:
    """Nodes, constants, inputs and outputs, as they are added."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._names = 0

    def constant(self, values: NDArray[Any]) -> str:
        """A tensor inside the model. TensorProto: dims = 1, data_type = 2, name = 8, raw_data = 9."""
        name = self._name()
        data = np.ascontiguousarray(values).tobytes()
        self._parts.append(_bytes(5, _tensor(name, values.shape, str(values.dtype)) + _bytes(9, data)))
        return name

    def outside(self, file: str, offset: int, shape: Sequence[int], kind: str) -> str:
        """A tensor in a file beside the model, from byte `offset`. external_data = 13, data_location = 14."""
        name = self._name()
        length = int(np.prod(shape)) * np.dtype(kind).itemsize
        where = {"location": file, "offset": str(offset), "length": str(length)}
        entries = b"".join(_bytes(13, _text(1, key) + _text(2, value)) for key, value in where.items())
        self._parts.append(_bytes(5, _tensor(name, shape, kind) + entries + _number(14, 1)))
        return name

    def node(
        self, operator: str, *inputs: str, domain: str = "", output: str = "", **attributes: float
    ) -> str:
        """A node with one output, whose name is returned. An input "" is left out."""
        [name] = self.nodes(operator, *inputs, domain=domain, outputs=[output], **attributes)
        return name

    def nodes(
        self,
        operator: str,
        *inputs: str,
        domain: str = "",
        outputs: Sequence[str | None],
        **attributes: float,
    ) -> list[str]:
        """A node's outputs: "" gets a name, None is left out and not returned.

        NodeProto: input = 1, output = 2, op_type = 4, attribute = 5, domain = 7.
        """
        names = [None if name is None else name or self._name() for name in outputs]
        fields = [*(_text(1, i) for i in inputs), *(_text(2, name or "") for name in names)]
        fields += [_text(4, operator), _text(7, domain)]
        fields += [_bytes(5, _attribute(key, value)) for key, value in attributes.items()]
        self._parts.append(_bytes(1, b"".join(fields)))
        return [name for name in names if name is not None]

    def input(self, name: str, kind: int, dims: Iterable[str]) -> None:
        self._parts.append(_bytes(11, _end(name, kind, dims)))

    def output(self, name: str, kind: int, dims: Iterable[str]) -> None:
        self._parts.append(_bytes(12, _end(name, kind, dims)))

    def model(self, name: str, opsets: Mapping[str, int]) -> bytes:
        """ModelProto: ir_version = 1, graph = 7, opset_import = 8 (domain = 1, version = 2)."""
        imports = [_bytes(8, _text(1, domain) + _number(2, version)) for domain, version in opsets.items()]
        body = b"".join([*self._parts, _text(2, name)])
        return b"".join([_number(1, 8), _bytes(7, body), *imports])

    def _name(self) -> str:
        self._names += 1
        return f"n{self._names}"


def _tensor(name: str, shape: Sequence[int], kind: str) -> bytes:
    return b"".join(_number(1, size) for size in shape) + _number(2, _KINDS[kind]) + _text(8, name)


def _end(name: str, kind: int, dims: Iterable[str]) -> bytes:
    """ValueInfoProto (name = 1, type = 2) of a tensor (elem_type = 1, shape = 2) with named dimensions."""
    shape = b"".join(_bytes(1, _text(2, dim)) for dim in dims)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def _attribute(name: str, value: float) -> bytes:
    """AttributeProto: name = 1, f = 2, i = 3, type = 20 (FLOAT = 1, INT = 2)."""
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + _varint(2 << 3 | 5) + np.array(value, "<f4").tobytes() + _number(20, 1)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # negative numbers as two's complement
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
