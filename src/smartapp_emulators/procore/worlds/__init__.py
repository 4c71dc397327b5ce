"""Worlds shipped with the emulator, and the program that wrote them."""
