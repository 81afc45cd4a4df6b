"""References: from a brand's photos to templates, one for each mark they show."""
