"""What the service keeps: hosts and their diagnoses."""
