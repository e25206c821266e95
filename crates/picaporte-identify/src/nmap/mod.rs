//! The user's own `nmap-service-probes`, read from their file. Nothing of that file is in this project.
