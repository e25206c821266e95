//! How much memory a chain takes, and how it is made to take less: who sends one chooses its length, up to a bound, and may have many ports.

use super::{AltName, Certificate, Chain, Details};

impl Chain {
    /// About how many bytes of memory it takes: some 80 KiB where every certificate says as much as it may.
    pub fn bytes(&self) -> usize {
        self.certificates.iter().map(Certificate::bytes).sum()
    }

    /// Keeps the first certificates, as many as take no more than so many bytes together; the others are [left out](Self::left_out).
    pub fn keep_within(&mut self, bytes: usize) {
        let mut room = bytes;
        let fit = self.certificates.iter().take_while(|certificate| {
            let rest = room.checked_sub(certificate.bytes());
            room = rest.unwrap_or_default();
            rest.is_some()
        });
        let kept = fit.count();
        self.left_out += self.certificates.len() - kept;
        self.certificates.truncate(kept);
        self.certificates.shrink_to_fit();
    }
}

impl Certificate {
    fn bytes(&self) -> usize {
        let said = self.details.as_ref().map_or(0, Details::bytes);
        size_of::<Self>() + self.sha256.len() + said
    }
}

impl Details {
    fn bytes(&self) -> usize {
        let names: usize = self.names.iter().map(AltName::bytes).sum();
        let texts = self.serial.len() + self.signature.len();
        self.subject.len() + self.issuer.len() + names + texts
    }
}

impl AltName {
    fn bytes(&self) -> usize {
        let text = match self {
            Self::Dns(name) => name.as_str().len(),
            Self::Address(_) => 0,
            Self::Other(name) | Self::CommonName(name) => name.len(),
        };
        size_of::<Self>() + text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::tests::own;

    #[test]
    fn the_first_that_fit_are_kept_and_the_others_counted() {
        let (der, _) = own();
        let whole = Chain::read(std::iter::repeat_n(der.as_ref(), 5));
        let one = whole.bytes() / 5;
        assert!((300..2_000).contains(&one), "{one}");
        for (bytes, kept) in [
            (usize::MAX, 5),
            (5 * one, 5),
            (5 * one - 1, 4),
            (one, 1),
            (one - 1, 0),
            (0, 0),
        ] {
            let mut chain = whole.clone();
            chain.keep_within(bytes);
            assert_eq!(
                (chain.certificates.len(), chain.left_out),
                (kept, 5 - kept),
                "{bytes}"
            );
            assert!(chain.bytes() <= bytes);
        }
    }
}
