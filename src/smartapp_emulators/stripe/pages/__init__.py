"""What people see: the pay page, the hosted invoice, and the console of the emulator."""
