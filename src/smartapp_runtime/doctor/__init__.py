"""`smartapp doctor`: one module per thing that can be wrong, each a generator of findings; nothing is changed."""
