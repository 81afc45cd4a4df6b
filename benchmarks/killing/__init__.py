"""What a kill at any moment loses: nothing that was acknowledged."""
