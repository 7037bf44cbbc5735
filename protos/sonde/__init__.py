"""The contract: what agents, the service and their users say to each other."""
