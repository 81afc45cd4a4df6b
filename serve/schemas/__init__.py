"""What goes over the wire, a file a noun. Wire types are no domain types; `from_domain` makes them where one exists."""
