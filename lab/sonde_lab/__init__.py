"""A stand-in world: an exchange, time servers and hosts to practise on."""
