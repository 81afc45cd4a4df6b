"""The command line: one file a command. What a command works with is imported when it runs."""
