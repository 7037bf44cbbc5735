"""The demo: ten hosts with ten troubles, diagnosed for real."""
