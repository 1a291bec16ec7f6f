"""Archives taken apart, in a process without network and with little memory."""
