"""A smoke test of a running agent, from outside: what a pipeline asks before it trusts one."""
