"""Forms made from the parts' declarations."""
