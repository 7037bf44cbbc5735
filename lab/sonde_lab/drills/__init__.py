"""Drills: faults in the stand-in world, and what a diagnosis must and must not make of them."""
