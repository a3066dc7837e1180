// ReferenceDomains
