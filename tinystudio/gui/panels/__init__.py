"""The panels: independent widgets; data goes in, past-tense signals come out."""
