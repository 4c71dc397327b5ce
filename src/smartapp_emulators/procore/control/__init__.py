"""The other side of the glass: what a test does to the emulator."""
