"""What machines read off a person: identity and clinical signal alike."""
