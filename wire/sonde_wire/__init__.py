"""The contract in Python: core types as protobuf messages, servers, channels, errors."""
