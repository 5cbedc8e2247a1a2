"""Forms of the screens (表单): what an officer typed, read with its provenance and its errors.

Every cell knows whether a person wrote it or the machine suggested it; a suggestion never replaces
what a person wrote. Nothing here writes.
"""
