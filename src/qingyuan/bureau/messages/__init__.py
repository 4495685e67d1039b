"""Messages to people: one outbox. The row that records a change is the message; a folder of `channels` is a channel."""
