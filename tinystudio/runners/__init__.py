"""Where engines live: in this process or in a child process; all alike to who drives them."""
