"""Regions: where in a photo a mark may be, whosever it is."""
