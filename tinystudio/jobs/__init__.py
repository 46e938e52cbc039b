"""Recipe, job, variant, event: plain data that travels between window and engine."""
