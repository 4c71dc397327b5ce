"""Background work: Dramatiq wakes a worker, the job table says what there is to do (design D-05)."""
