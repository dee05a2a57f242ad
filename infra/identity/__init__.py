"""Who asks: tokens of an OpenID Connect provider or of the issuer of our own, sessions, service accounts."""
