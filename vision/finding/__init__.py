"""Finding: which brand's mark a photo shows, and where."""
