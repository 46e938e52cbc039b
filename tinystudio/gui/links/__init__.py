"""The window's ends of what runs outside its thread: engine processes and the project's store."""
